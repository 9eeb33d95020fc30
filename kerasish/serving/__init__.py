"""`kerasish.serving`: models in folders, served over HTTP and gRPC by the protocols of TensorFlow Serving and KServe.

`python -m kerasish serve models/` from a shell. `heart/` knows versions, batches and threads and nothing of HTTP,
`protocols/` turns bodies into arrays and back, `web/` listens. Keras has no such package.
"""

from kerasish.lazy import lazy

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from kerasish.serving.options import Batching as Batching
    from kerasish.serving.options import ModelOptions as ModelOptions
    from kerasish.serving.refusals import Refusal as Refusal
    from kerasish.serving.service import Service as Service
    from kerasish.serving.web.application import application as application

__all__ = ["Batching", "ModelOptions", "Refusal", "Service", "application"]

__getattr__, __dir__ = lazy(
    __name__,
    {
        "kerasish.serving.options": "Batching ModelOptions",
        "kerasish.serving.refusals": "Refusal",
        "kerasish.serving.service": "Service",
        "kerasish.serving.web.application": "application",
    },
)
