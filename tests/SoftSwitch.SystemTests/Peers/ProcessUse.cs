using System.Globalization;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>What a process has of the machine.</summary>
/// <param name="Files">Descriptors.</param>
/// <param name="Threads">But for those of the runtime, which come and go with who asks.</param>
/// <param name="Kilobytes">Of memory (VmRSS).</param>
internal sealed record ProcessUse(int Files, int Threads, int Kilobytes)
{
    /// <summary>Once what it does for a moment has been done.</summary>
    public static ProcessUse Of(int pid)
    {
        Thread.Sleep(2000);
        var status = File.ReadLines($"/proc/{pid}/status").Select(line => line.Split([':', ' ', '\t'],
            StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 1).ToDictionary(words => words[0], words => words[1]);
        var threads = Directory.GetDirectories($"/proc/{pid}/task")
            .Count(task => !File.ReadAllText($"{task}/comm").StartsWith(".NET", StringComparison.Ordinal));
        return new(Directory.GetFiles($"/proc/{pid}/fd").Length, threads, int.Parse(status["VmRSS"], CultureInfo.InvariantCulture));
    }
}
