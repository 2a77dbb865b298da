"""The guided tour: the real program, driven along the road that a user takes, with a check and a picture at each step."""
