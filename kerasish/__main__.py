"""`python -m kerasish COMMAND`: what can be done from a shell."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from kerasish.backend import found_devices
from kerasish.backend.ranks import launching
from kerasish.compat import run
from kerasish.files.inspect import command
from kerasish.serving import command as serving
from kerasish.tuning import command as tuning


def main(arguments: Any = None) -> Any:
    """Run the command that `arguments` (a list of strings; the process's own when None) name; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m kerasish", description="Keras on NumPy: commands.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command.add_parser(commands)
    run.add_parsers(commands)
    found_devices.add_parser(commands)
    launching.add_parser(commands)
    serving.add_parser(commands)
    tuning.add_parser(commands)
    options = parser.parse_args(arguments)
    return options.run(options)


if __name__ == "__main__":
    sys.exit(main())
