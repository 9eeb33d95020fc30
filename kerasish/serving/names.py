"""Names that the command and the server share."""

TOKEN = "KERASISH_SERVING_TOKEN"  # an environment variable, for arguments are seen by everybody on the machine
