"""Finding the classes that a folder holds: registration by presence."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

from model.errors import ConfigError

T = TypeVar("T")


def discover(package: ModuleType, base: type[T]) -> dict[str, type[T]]:
    """The concrete subclasses of `base` in the modules of `package`, by their `name`, sorted.

    Raises ConfigError when two classes claim one name, naming both modules. Modules named `base` are not searched.
    """
    found: dict[str, type[T]] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda item: item.name):
        if info.name == "base":
            continue
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for item in vars(module).values():
            if not (isinstance(item, type) and issubclass(item, base) and item.__module__ == module.__name__):
                continue
            name = getattr(item, "name", "")
            if not name:
                continue
            if name in found:
                raise ConfigError(
                    f"{item.__module__} and {found[name].__module__} both call themselves {name!r}",
                    cure="Rename one of them",
                )
            found[name] = item
    return found
