"""`keras.preprocessing.text`: texts as numbers, as Keras 2 had it."""

from kerasish.preprocessing.tokenizer import Tokenizer, tokenizer_from_json
from kerasish.preprocessing.words import hashing_trick, one_hot, text_to_word_sequence

__all__ = ["Tokenizer", "hashing_trick", "one_hot", "text_to_word_sequence", "tokenizer_from_json"]
