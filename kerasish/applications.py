"""In a checkout `applications/` stands beside this package.

Installed, setup.cfg puts it here, and a folder goes before this file.
"""

import importlib.util
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from applications import *  # noqa: F403

_folder = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "applications")
_spec = importlib.util.spec_from_file_location(
    __name__, os.path.join(_folder, "__init__.py"), submodule_search_locations=[_folder]
)
sys.modules[__name__] = _module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
