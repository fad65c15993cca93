"""What persons can ask about their own data: who they are in it, where it is, and that it goes."""
