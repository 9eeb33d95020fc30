"""In a checkout `applications/` stands beside this package.

Installed, setup.cfg puts it here, and a folder goes before this file.
"""

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from applications import *  # noqa: F403

_checkout = os.path.dirname(os.path.dirname(__spec__.origin))  # a folder, or a path in a zip
_spec = PathFinder.find_spec(__name__, [_checkout])
sys.modules[__name__] = _module = module_from_spec(_spec)
_spec.loader.exec_module(_module)
