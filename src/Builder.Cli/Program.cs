using Builder.Cli;
using Builder.Cli.Parsing;

StandardOutput.GuardConsole();
return await new CommandLine(CalledName.Original).RunAsync(args);
