"""The sentence encoder that `minilm_head` and `minilm_tuned` build on."""
