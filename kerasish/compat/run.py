"""`python -m kerasish run` and `check`: a program written for Keras, run on kerasish, or looked at before."""

from __future__ import annotations

import argparse
import os
import runpy
import sys
from typing import Any

from kerasish.compat import checking
from kerasish.compat.door import open_door


def add_parsers(commands: Any) -> None:
    """Add the commands `run` and `check` to an argparse subparsers object."""
    run = commands.add_parser(
        "run", help="run a program that says `import keras`", description="Run a program written for Keras on kerasish."
    )
    run.add_argument("-m", dest="module", action="store_true", help="PROGRAM is a module, as with `python -m`")
    run.add_argument("program", metavar="PROGRAM", help="path of a script, or with -m the name of a module")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="the program's own arguments")
    run.set_defaults(run=_run)
    check = commands.add_parser(
        "check",
        help="list the names of Keras that a program uses and kerasish does not have",
        description="Read programs, without running them, and list the names of Keras that are not there.",
    )
    check.add_argument("files", nargs="+", metavar="FILE", help="Python files, or folders of them")
    check.set_defaults(run=_check)


def _run(options):
    open_door()
    sys.argv = [options.program, *options.arguments]
    if options.module:
        sys.path.insert(0, os.getcwd())
        runpy.run_module(options.program, run_name="__main__", alter_sys=True)
    else:
        if not os.path.exists(options.program):
            print(f"There is no file {options.program!r}.", file=sys.stderr)
            return 2
        sys.path.insert(0, os.path.dirname(os.path.abspath(options.program)))
        runpy.run_path(options.program, run_name="__main__")
    return 0


def _check(options):
    found = [missing for file in checking.python_files(options.files) for missing in checking.missing_names(file)]
    for missing in found:
        print(missing)
    print(f"{len(found)} name(s) of Keras are not there." if found else "Every name of Keras that is used is there.")
    return 1 if found else 0
