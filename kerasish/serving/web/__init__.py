"""What listens: the ASGI application, the guard before it, processes, signals."""
