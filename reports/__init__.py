"""What is written down: the result model, redaction, and the views of one artefact."""
