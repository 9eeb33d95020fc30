"""What setup.cfg can't say.

The packages found in kerasish/, and the folder applications/ mapped to kerasish.applications.
"""

from setuptools import find_packages, setup

setup(
    packages=[
        *find_packages(include=["kerasish", "kerasish.*"]),
        *(f"kerasish.{name}" for name in find_packages(include=["applications", "applications.*"])),
    ]
)
