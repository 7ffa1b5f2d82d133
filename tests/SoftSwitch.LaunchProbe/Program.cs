// A program for the launcher's tests: starts itself again in namespaces of its own, and there tells what it finds.
// "huge" passes on an argument longer than Linux takes. Inside: "status N" ends with N; "wait" says "waiting" and ends with 42 on SIGTERM,
// 43 on SIGINT.
using System.Runtime.InteropServices;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Namespaces;

const string Inside = "SOFTSWITCH_LAUNCH_PROBE";
if (Environment.GetEnvironmentVariable(Inside) is not { } word)
{
    LaunchResult result;
    try
    {
        result = NamespaceLauncher.RunSelf(
            args is ["huge"] ? [new string('x', 200_000)] : args, new Dictionary<string, string> { [Inside] = "a word with = and ä" });
    }
    catch (SystemCallException e)
    {
        Console.WriteLine(e.Message);
        return 97;
    }
    if (result.Refusal is { } refusal)
    {
        Console.WriteLine($"refused {result.ErrorNumber}: {refusal}");
        return 99;
    }
    return result.ExitStatus ?? 98;
}
Console.WriteLine($"word: {word}");
Console.WriteLine($"arguments: {string.Join('|', args)}");
Console.WriteLine($"user: {Environment.UserName} {Environment.IsPrivilegedProcess}");
Console.WriteLine(
    $"uid_map: {string.Join(' ', File.ReadAllText("/proc/self/uid_map").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Trim()}");
foreach (var line in File.ReadLines("/proc/self/status").Where(l => l.StartsWith("CapEff") || l.StartsWith("SigBlk")))
    Console.WriteLine(line.Replace('\t', ' '));
Console.WriteLine($"interfaces: {string.Join(' ', File.ReadLines("/proc/net/dev").Skip(2).Select(l => l.Split(':')[0].Trim()))}");
if (args is ["status", var number])
    return int.Parse(number);
var ended = new TaskCompletionSource<int>();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => { c.Cancel = true; ended.TrySetResult(42); });
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => { c.Cancel = true; ended.TrySetResult(43); });
Console.WriteLine("waiting");
return await ended.Task;
