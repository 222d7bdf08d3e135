"""The tasks of this repository: `invoke --list`, `invoke postgres.sync`.

Each platform/NN.NAME/deploy.py is the collection NAME.
"""

import importlib.util
from pathlib import Path

from invoke import Collection

namespace = Collection()
for file in sorted(Path(__file__).parent.glob("platform/*/deploy.py")):
    name = file.parent.name.split(".", 1)[1]
    spec = importlib.util.spec_from_file_location(f"deploy_{name}", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    namespace.add_collection(Collection.from_module(module, name=name))
