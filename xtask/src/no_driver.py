"""Prove that a driver's packages cannot be imported here and that no libpq came along.

Only this environment is searched: a libpq of the operating system is of no
use to a driver that is not installed.
"""

import importlib.util
import pathlib
import sys
import sysconfig

packages = pathlib.Path(sysconfig.get_paths()["platlib"])
found = [
    name
    for name in sys.argv[1:]
    if importlib.util.find_spec(name.replace("-", "_")) is not None
]
found += [str(path.relative_to(packages)) for path in packages.rglob("libpq*")]
if found:
    sys.exit(f"found {', '.join(found)}")
