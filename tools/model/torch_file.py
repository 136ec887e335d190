"""Reads the tensors of a PyTorch checkpoint in the format before 1.6, without PyTorch.

Such a file is a row of pickles: magic number, protocol, system information, the dictionary of tensors
(each a view into a storage), the storages' keys; after them the storages' bytes, each preceded by its length.
"""

import collections
import pickle

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C
NUMBERS = {"FloatStorage": np.float32, "LongStorage": np.int64}


class View:
    """A tensor before its bytes are known: where it lies in which storage."""

    def __init__(self, storage, offset, shape, strides):
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides

    def tensor(self, numbers):
        if not self.shape:
            return numbers[self.offset]
        strides = [s * numbers.itemsize for s in self.strides]
        return np.lib.stride_tricks.as_strided(numbers[self.offset :], self.shape, strides).copy()


class Unpickler(pickle.Unpickler):
    """Knows the four names a checkpoint of plain tensors uses; a checkpoint with others is refused."""

    def find_class(self, module, name):
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: View(storage, offset, tuple(shape), strides)
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module == "torch" and name in NUMBERS:
            return name
        raise pickle.UnpicklingError(f"unexpected {module}.{name}")

    def persistent_load(self, pid):
        _, kind, key, *_ = pid
        return kind, key


def read(path):
    """The tensors of `path` by name, as numpy arrays."""
    with open(path, "rb") as f:
        if pickle.load(f) != MAGIC:
            raise ValueError(f"{path} is not a PyTorch checkpoint of the old format")
        pickle.load(f)  # protocol
        pickle.load(f)  # system information
        views = Unpickler(f).load()
        kinds = {view.storage[1]: view.storage[0] for view in views.values()}
        storages = {}
        for key in pickle.load(f):
            kind = np.dtype(NUMBERS[kinds[key]])
            (count,) = np.frombuffer(f.read(8), np.int64)
            storages[key] = np.frombuffer(f.read(int(count) * kind.itemsize), kind)
    return {name: view.tensor(storages[view.storage[1]]) for name, view in views.items()}
