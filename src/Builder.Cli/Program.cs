using Builder.Cli;
using Builder.Cli.Originals;
using Builder.Cli.Text;

StandardOutput.GuardConsole();
return await new CommandLine(CalledName.Original).RunAsync(args);
