"""E-mail: the words, the headers and the letters; nothing here sends."""
