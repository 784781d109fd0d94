"""The contract of `POST /connect/authorize`: pure rules over wire JSON."""
