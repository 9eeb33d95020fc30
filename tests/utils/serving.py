"""A server that gives files, and misbehaves at some paths."""

import http.server

DATA = bytes(range(256)) * 700


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; some paths misbehave."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path.startswith("/short"):  # promises more than it gives
            self.send_response(200)
            self.send_header("Content-Length", str(len(DATA)))
            self.end_headers()
            self.wfile.write(DATA[:1000])
            self.close_connection = True
        elif self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/data.bin")
            self.end_headers()
        elif self.path.startswith("/lured"):
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
        elif self.path.startswith("/failing"):
            self.send_error(503)
        else:
            super().do_GET()

    def log_message(self, *args):
        pass


def names(folder):
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []
