#!/bin/sh
# attack: fill the server's disk through the console
# expect: limit max-console
yes "a line of a console that never ends"
