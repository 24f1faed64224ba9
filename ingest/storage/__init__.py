"""Where files land: a folder of this machine or a bucket."""
