using System.Diagnostics;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>
/// Runs a program to its end, in bounded time, and says what it said. Nothing goes through a shell, so nothing needs
/// quoting; a program that is still running at the limit is killed, itself only, and the test fails. A program that the
/// machine hasn't got skips the test (<see cref="Need"/>).
/// </summary>
public static class Shell
{
    /// <summary>The limit when none is given.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(30);

    /// <summary>Runs words separated by blanks; an argument with a blank in it needs
    /// <see cref="Run(string, IEnumerable{string}, TimeSpan?, string?)"/>.</summary>
    public static ShellResult Run(string words, TimeSpan? limit = null)
    {
        var (program, arguments) = Words(words);
        return Run(program, arguments, limit);
    }

    /// <summary>Runs a program with arguments; <paramref name="input"/> is what it reads on standard input.</summary>
    public static ShellResult Run(string program, IEnumerable<string> arguments, TimeSpan? limit = null, string? input = null) =>
        Finish(program, [.. arguments], Privilege.Prefix, limit, input);

    /// <summary>As <see cref="Run(string, IEnumerable{string}, TimeSpan?, string?)"/>, but with this user's rights and network.</summary>
    public static ShellResult RunAsCaller(string program, IEnumerable<string> arguments, TimeSpan? limit = null) =>
        Finish(program, [.. arguments], [], limit, null);

    private static ShellResult Finish(string program, string[] all, IReadOnlyList<string> prefix, TimeSpan? limit, string? input)
    {
        var command = string.Join(' ', [program, .. all]);
        using var process = Start(Prepare(program, all, prefix));
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            if (input is not null) process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit status tells more than this.
        }
        var time = limit ?? DefaultLimit;
        if (!process.WaitForExit(time))
        {
            process.Kill();
            process.WaitForExit();
            Task.WaitAll([output, error], TimeSpan.FromSeconds(2));
            Assert.Fail($"'{command}' was still running after {time.TotalSeconds:0} s\n{Said(output)}{Said(error)}");
        }
        // A daemon that it left behind may hold the pipes: what was said until now is all there is to know.
        Task.WaitAll([output, error], TimeSpan.FromSeconds(5));
        return new ShellResult(command, process.ExitCode, Said(output), Said(error));
    }

    /// <summary>Runs words separated by blanks, which have to succeed, and returns standard output.</summary>
    public static string Check(string words, TimeSpan? limit = null) => Run(words, limit).Succeeded().Output;

    /// <summary>Sends a signal ("TERM", "HUP", "KILL") to one process; false if there is no such process.</summary>
    public static bool Signal(int pid, string signal) =>
        Run("sh", ["-c", $"kill -{signal} {pid}"]).ExitStatus == 0;

    /// <summary>Starts a program, with the rights of root where the tests have them, all three streams redirected.</summary>
    internal static Process Start(ProcessStartInfo start) =>
        Process.Start(start) ?? throw new InvalidOperationException($"'{start.FileName}' did not start");

    internal static ProcessStartInfo Prepare(string program, IEnumerable<string> arguments, IReadOnlyList<string> prefix)
    {
        string[] words = [.. arguments];
        string[] all = [.. prefix, Need.Program(program, words), .. words];
        var start = new ProcessStartInfo(Need.Program(all[0], []), all[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin";
        start.Environment["LC_ALL"] = "C.UTF-8";
        return start;
    }

    internal static (string Program, string[] Arguments) Words(string words)
    {
        var parts = words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (parts[0], parts[1..]);
    }

    private static string Said(Task<string> stream) => stream.IsCompletedSuccessfully ? stream.Result : "";
}
