"""A folder a code: about.md explains it, invalid.py has it once with the text invalid.txt, valid.py is mended."""
