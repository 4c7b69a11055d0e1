"""What both the storage service and the stack know: the project, its permissions and its addresses."""
