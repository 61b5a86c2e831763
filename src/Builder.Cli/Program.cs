using System.CommandLine;

var root = new RootCommand("The build server that proves what it publishes.");
return await root.Parse(args).InvokeAsync();
