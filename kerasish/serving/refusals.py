"""What a request is refused with: a sentence, and the codes that HTTP and gRPC have for its kind."""

from __future__ import annotations


class Refusal(Exception):
    """A request that is not answered.

    Args:
        message: string, what was wrong and what to do.

    Attributes:
        status: int, HTTP's code.
        code: string, gRPC's name of it.

    Example:
        >>> from kerasish.serving import Refusal
        >>> Refusal("Not today.").status
        500
    """

    status: int = 500
    code: str = "INTERNAL"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequest(Refusal):
    """What came is not what the model takes."""

    status, code = 400, "INVALID_ARGUMENT"


class Unauthorized(Refusal):
    """No token came, or a wrong one."""

    status, code = 401, "UNAUTHENTICATED"


class NotFound(Refusal):
    """No model, version or label of that name."""

    status, code = 404, "NOT_FOUND"


class WrongMethod(Refusal):
    """An address that takes another of HTTP's methods."""

    status, code = 405, "UNIMPLEMENTED"


class TooLarge(Refusal):
    """A body over the limit."""

    status, code = 413, "RESOURCE_EXHAUSTED"


class Busy(Refusal):
    """The model's queue is full: later, or elsewhere."""

    status, code = 429, "RESOURCE_EXHAUSTED"


class Failed(Refusal):
    """The model itself raised an error."""

    status, code = 500, "INTERNAL"


class Unavailable(Refusal):
    """The server ends, or has no working version of the model."""

    status, code = 503, "UNAVAILABLE"


class TooLate(Refusal):
    """The deadline passed before the request's turn came."""

    status, code = 504, "DEADLINE_EXCEEDED"
