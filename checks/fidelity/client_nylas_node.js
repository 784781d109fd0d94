// Nylas's Node SDK for API v2, in a process of its own: a question on standard input, the answers on standard
// output. The question: `server`, `client_id`, `client_secret`, `inputs` (each what Connect.authorize is given)
// and `exchange`: whether each code is exchanged for its account.
"use strict";

const Nylas = require("nylas");

async function connect(input, exchange) {
  try {
    const { code } = await Nylas.connect.authorize(input);
    return exchange ? await Nylas.connect.token(code) : { code };
  } catch (error) {
    const { name, message, statusCode, type, missingFields } = error;
    return { raised: name, message, statusCode, type, missingFields };
  }
}

async function main(question) {
  Nylas.config({
    clientId: question.client_id,
    clientSecret: question.client_secret,
    apiServer: question.server,
  });
  const answers = [];
  for (const input of question.inputs) {
    answers.push(await connect(input, question.exchange));
  }
  process.stdout.write(JSON.stringify(answers));
}

const chunks = [];
process.stdin.on("data", (chunk) => chunks.push(chunk));
process.stdin.on("end", () => main(JSON.parse(Buffer.concat(chunks))));
