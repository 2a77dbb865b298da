"""The guided tour: the real program on the road that a user takes, with a check and a picture at each step."""
