"""The dialogue with the reader: forms, contributions, answers and outcomes."""
