"""TFRecords of sparse rows: made from CSV and libsvm files, printed, read in batches.

A record holds `ids`, the numbers of the features that are there, `values`, what each is worth, and `label`, 0 or 1
(unless nobody knows it yet). A number of a CSV file is divided by the largest of its column; a text is a feature of its
own with value 1, whose id is a hash of column and text. Feature 0 is in every row with value 1: its weight is the bias.
Rows of a batch are padded with feature 0 at value 0.
"""

import dataclasses
import json
import pathlib
import zlib

import numpy as np

from kerasish import data

FEATURES = {
    "ids": data.Feature((None,), "int32"),
    "values": data.Feature((None,), "float32"),
    "label": data.Feature((), "float32", default=np.nan),
}


@dataclasses.dataclass
class Schema:
    """What must be the same for all files of a data set: which column is which feature, at which scale."""

    label: str
    numbers: dict[str, float]  # the columns of numbers and their largest absolute values
    texts: list[str]  # the columns of texts
    buckets: int

    @property
    def features(self):
        """How many ids there are."""
        return 1 + len(self.numbers) + (self.buckets if self.texts else 0)

    @classmethod
    def load(cls, path):
        """Read it from a JSON file."""
        return cls(**json.loads(pathlib.Path(path).read_text(encoding="utf-8")))

    def save(self, path):
        """Write it to a JSON file."""
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(dataclasses.asdict(self), indent=1), encoding="utf-8")


def convert(options):
    """Write the rows of text files as TFRecords, and the schema where there is none yet."""
    if pathlib.Path(options.schema).exists():
        schema = Schema.load(options.schema)
    else:
        schema = seen_schema(options)
        schema.save(options.schema)
        print(f"wrote {options.schema}: {schema.features:,} features")
    pathlib.Path(options.target).parent.mkdir(parents=True, exist_ok=True)
    rows = (encoded(columns, schema) for columns in read_text(options.sources, options.features or len(schema.numbers)))
    records = (record for piece in rows for record in piece)
    for path in data.tfrecord.write(f"{options.target}.tfrecord", records, shards=options.shards):
        print(f"wrote {path}")


def read_text(sources, features):
    """The columns of the files, some rows at a time. Those of a libsvm file are named by their numbers, from 1."""
    for path in sources:
        if path.endswith((".csv", ".csv.gz")):
            yield from data.CSVBatches(path, batch_size=1024, transform=dict)
        elif not features:
            raise SystemExit("libsvm files don't say how many features there are: give --features")
        else:
            names = [str(number + 1) for number in range(features)]
            for rows, labels in data.LibsvmBatches(path, features, batch_size=1024):
                yield {"label": labels, **dict(zip(names, rows.T))}


def seen_schema(options):
    """The schema of files that are the first of their data set."""
    schema = Schema(options.label, {}, [], options.buckets)
    for columns in read_text(options.sources, options.features):
        if options.label not in columns:
            raise SystemExit(f"no column is named {options.label!r}; there are {', '.join(columns)}: give --label")
        for name, column in columns.items():
            if name == options.label:
                continue
            if column.dtype.kind == "U":
                schema.texts += [name] if name not in schema.texts else []
            else:
                largest = float(np.nanmax(np.abs(column), initial=schema.numbers.get(name, 0)))
                schema.numbers[name] = largest
    schema.numbers = {name: largest or 1.0 for name, largest in schema.numbers.items() if name not in schema.texts}
    return schema


def encoded(columns, schema):
    """The records of these rows."""
    columns = {name: column.tolist() for name, column in columns.items()}
    for row in zip(*columns.values()):
        row = dict(zip(columns, row))
        there = {0: 1.0}
        for place, (name, largest) in enumerate(schema.numbers.items()):
            if row[name] == row[name] and row[name]:  # neither missing (NaN) nor 0
                there[1 + place] = row[name] / largest
        for name in schema.texts:
            bucket = zlib.crc32(f"{name}={row[name]}".encode()) % schema.buckets
            there[1 + len(schema.numbers) + bucket] = 1.0
        known = {"label": float(row[schema.label])} if schema.label in row else {}
        yield data.tfrecord.encode_example({"ids": list(there), "values": list(there.values()), **known})


def show(options):
    """Print the first records of each file."""
    for path in options.paths:
        print(path)
        for number, record in enumerate(data.tfrecord.read(path)):
            if number == options.first:
                break
            example = data.tfrecord.decode_example(record)
            print(
                f"  record {number}",
                *(f"{name}: {np.round(value, 3)}" for name, value in example.items()),
                sep="\n    ",
            )


def batches(paths, batch_size, shuffle=0, **options):
    """`({"ids", "values"}, labels)` from TFRecords."""
    return data.TFRecordBatches(
        paths, FEATURES, label="label", batch_size=batch_size, shuffle=shuffle, interleave=4, **options
    )
