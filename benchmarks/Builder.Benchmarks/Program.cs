using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Running;
using Builder.Benchmarks.Server;
using Builder.Benchmarks.Storage;
using Builder.Benchmarks.TransparencyLog;
using Builder.Benchmarks.Web;
using Builder.Benchmarks.Worker;
using Builder.Storage.Database;

// dotnet run -c Release --project benchmarks/Builder.Benchmarks -- --filter '*'
// dotnet run -c Release --project benchmarks/Builder.Benchmarks -- worker PATH-OF-BUILDER
if (args is ["worker", var executable])
{
    await new WorkerMeasurement(executable).RunAsync();
    return;
}

// dotnet run -c Release --project benchmarks/Builder.Benchmarks -- server [add|jobs|queue|burst]...
if (args is ["server", .. var parts])
{
    await ServerFigures.RunAsync(parts);
    return;
}

// What benchmarks/workers.sh runs.
if (args is ["workers", var program, var many, var queued])
{
    await using var measured = new ManyWorkers(
        program,
        int.Parse(many, CultureInfo.InvariantCulture),
        int.Parse(queued, CultureInfo.InvariantCulture)
    );
    await measured.RunAsync();
    return;
}

// dotnet run -c Release --project benchmarks/Builder.Benchmarks -- storage
if (args is ["storage"])
{
    await StorageFigures.RunAsync();
    return;
}

// dotnet run -c Release --project benchmarks/Builder.Benchmarks -- log [ENTRIES]
if (args is ["log", .. var entries])
{
    await LogFigures.RunAsync(entries is [var number] ? long.Parse(number, CultureInfo.InvariantCulture) : 10_000_000);
    return;
}

// What benchmarks/web.sh needs.
if (args is ["web-uploads", var site, var account, var count, var size])
{
    await WebData.UploadAsync(
        new Uri(site),
        account,
        int.Parse(count, CultureInfo.InvariantCulture),
        int.Parse(size, CultureInfo.InvariantCulture)
    );
    return;
}

// What benchmarks/find.sh needs.
if (args is ["find-data", var findDirectory, var sets, var consoles, .. var connection])
{
    await new FindData(
        new DatabaseSettings(findDirectory, connection is [{ Length: > 0 } text] ? text : null),
        int.Parse(sets, CultureInfo.InvariantCulture),
        int.Parse(consoles, CultureInfo.InvariantCulture)
    ).MakeAsync(CancellationToken.None);
    return;
}
if (args is ["web-data", var dataDirectory, var jobs, var platforms, var builds])
{
    await WebData.MakeAsync(
        dataDirectory,
        int.Parse(jobs, CultureInfo.InvariantCulture),
        int.Parse(platforms, CultureInfo.InvariantCulture),
        int.Parse(builds, CultureInfo.InvariantCulture)
    );
    return;
}
BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
