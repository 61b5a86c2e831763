using System.Reflection;
using BenchmarkDotNet.Running;

// dotnet run -c Release --project benchmarks/Builder.Benchmarks -- --filter '*'
BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
