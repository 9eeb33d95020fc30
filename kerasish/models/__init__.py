"""Models: Functional, Sequential, Model; cloning, saving and loading them (`keras.models`)."""

from kerasish.models.cloning import clone_model
from kerasish.models.functional import Functional
from kerasish.models.model import Model
from kerasish.models.sequential import Sequential
from kerasish.saving.saving_api import load_model, model_from_json, save_model
