// orgctl: the command line of the REST API. One file a command group; what can go wrong and what is decided lives in
// APIClient, so that everything here is flags, calls and printing. Read `Support/ResourceGroup.swift` first.

import CommandLine
import Glibc

signal(SIGPIPE, SIG_IGN)
exit(await Program(RootCommand.tree, version: RootCommand.version).run().status)
