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
            .Count(task => NameOf(task)?.StartsWith(".NET", StringComparison.Ordinal) == false);
        return new(Directory.GetFiles($"/proc/{pid}/fd").Length, threads, int.Parse(status["VmRSS"], CultureInfo.InvariantCulture));
    }

    /// <summary>What a thread is called; null: it has ended meanwhile.</summary>
    public static string? NameOf(string task)
    {
        try
        {
            return File.ReadAllText($"{task}/comm").TrimEnd('\n');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
