"""A recommender on the command line: text files to TFRecords, six models, training that goes on, answers in a file.

    python examples/recommender sample clicks data                  # also: cancer (CSV), digits (libsvm)
    python examples/recommender convert data/train.csv records/train --label clicked --schema records/schema.json
    python examples/recommender convert data/validation.csv records/validation --schema records/schema.json
    python examples/recommender print records/train*
    python examples/recommender train --model deepfm --layers 32,16 --steps 600    # again: 600 steps more
    python examples/recommender train_from_scratch --model lr
    python examples/recommender online arriving --patience 60       # a step for each batch of the files that come
    python examples/recommender export recommender.keras
    python examples/recommender inference "records/validation*" answers.csv --trained recommender.keras
    tensorboard --logdir run/logs

Each command explains its flags with `--help`. Needs `pip install "kerasish[data,tensorboard,plot]"` (in a clone
`pip install ".[data,tensorboard,plot]"`).
"""

import argparse

import networks
import records
import running
import samples
import updating


def add_sample(commands):
    """`sample`: data to try it with."""
    command = commands.add_parser("sample", help="write train and validation files of a sample data set")
    command.add_argument("name", choices=sorted(samples.SAMPLES))
    command.add_argument("folder")
    command.set_defaults(run=samples.write)


def add_convert(commands):
    """`convert` and `print`: TFRecords."""
    command = commands.add_parser("convert", help="CSV or libsvm files to TFRecords")
    command.add_argument("sources", nargs="+", help=".csv files with a header; libsvm files by any other name")
    command.add_argument("target", help="the records' path, without the ending: records/train")
    command.add_argument("--schema", default="records/schema.json", help="read where it is there, else written")
    command.add_argument("--label", default="label", help="the CSV column of zeros and ones to be predicted")
    command.add_argument("--features", type=int, help="of libsvm files: the largest feature number")
    command.add_argument("--buckets", type=int, default=1000, help="numbers that the texts of CSV columns share")
    command.add_argument("--shards", type=int, default=2)
    command.set_defaults(run=records.convert)

    command = commands.add_parser("print", help="print TFRecords")
    command.add_argument("paths", nargs="+")
    command.add_argument("--first", type=int, default=3, help="records a file")
    command.set_defaults(run=records.show)


def add_training(commands):
    """`train`, `train_from_scratch`, `online`: they share all flags but the source of the data."""
    shared = argparse.ArgumentParser(add_help=False)
    flag = shared.add_argument
    flag("--folder", default="run", help="for checkpoints, logs and the picture")
    flag("--schema", default="records/schema.json")
    flag("--validation", default="records/validation*.tfrecord*")
    flag("--batch-size", type=int, default=64)
    flag("--validate-every", type=int, default=100, help="steps between validations, which save a checkpoint each")
    flag("--keep", type=int, default=5, help="checkpoints that a run leaves")
    flag("--seed", type=int, default=1)
    new = shared.add_argument_group("a new model (one that goes on keeps what it was made with)")
    flag = new.add_argument
    flag("--model", default="dnn", choices=sorted(networks.MODELS))
    flag("--layers", default="32,16", help="units of the hidden layers")
    flag("--width", type=int, default=8, help="numbers that stand for a feature")
    flag("--batch-normalization", action="store_true")
    flag("--dropout", type=float, default=0.0)
    flag("--optimizer", default="adam", choices=sorted(updating.OPTIMIZERS))
    flag("--learning-rate", type=float, default=0.01)
    flag("--decay", default="none", choices=sorted(updating.DECAYS), help="of the learning rate")
    flag("--decay-steps", type=int, default=500)
    flag("--decay-rate", type=float, default=0.5)

    for name, run in (("train", running.train), ("train_from_scratch", running.train_from_scratch)):
        command = commands.add_parser(name, parents=[shared], help=run.__doc__.split("\n")[0])
        command.add_argument("--records", default="records/train*.tfrecord*")
        command.add_argument("--steps", type=int, default=1000, help="batches to train on")
        command.set_defaults(run=run)
    command = commands.add_parser("online", parents=[shared], help=running.online.__doc__.split("\n")[0])
    command.add_argument("arriving", help="the folder that TFRecords come into")
    command.add_argument("--patience", type=float, help="seconds without a new file after which it ends")
    command.set_defaults(run=running.online)


def add_use(commands):
    """`export` and `inference`."""
    command = commands.add_parser("export", help=running.export.__doc__)
    command.add_argument("path", help="a .keras file")
    command.add_argument("--folder", default="run", help="of the training")
    command.set_defaults(run=running.export)

    command = commands.add_parser("inference", help=running.inference.__doc__)
    command.add_argument("records")
    command.add_argument("result", help="a .csv file")
    command.add_argument("--trained", help="an exported model; else the newest checkpoint of `--folder`")
    command.add_argument("--folder", default="run")
    command.set_defaults(run=running.inference)


def main():
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        prog="recommender", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (add_sample, add_convert, add_training, add_use):
        add(commands)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
