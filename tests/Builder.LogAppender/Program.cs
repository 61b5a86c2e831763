using System.Globalization;
using System.Text;
using Builder.Proof.Keys;
using Builder.Publishing.TransparencyLog;

// builder-log-appender DIRECTORY STATE ORIGIN KEY MAX-UNSYNCED-FILES
// Adds each line of standard input as an entry, as many callers at once as there are lines, and prints "PLACE LINE" once it is in.
var settings = new LogSettings(args[0], args[1], args[2]) { MaxUnsyncedFiles = int.Parse(args[4], CultureInfo.InvariantCulture) };
using var key = (Ed25519SigningKey)SigningKey.FromPem(await File.ReadAllTextAsync(args[3]));
await using var sequencer = await LogSequencer.OpenAsync(settings, key, CancellationToken.None);
await using var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
await output.WriteLineAsync("ready");
var adding = new List<Task>();
while (await Console.In.ReadLineAsync() is { } line)
    adding.Add(AddAsync(line));
await Task.WhenAll(adding);

async Task AddAsync(string line)
{
    var places = await sequencer.AppendAsync([Encoding.UTF8.GetBytes(line)], CancellationToken.None);
    await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{places[0]} {line}"));
}
