using System.Diagnostics;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>
/// A program that runs beside the test. Two threads of the pool collect its lines; the test waits for a line or for the
/// end, always with a limit. Disposal ends this process alone, by its pid.
/// </summary>
public sealed class BackgroundProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _command;
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];
    private readonly Lock _gate = new();
    private bool _disposed;

    /// <summary>Starts a program with the rights of root where the tests have them.</summary>
    public BackgroundProcess(string program, params IEnumerable<string> arguments)
    {
        string[] all = [.. arguments];
        _command = string.Join(' ', [program, .. all]);
        _process = Shell.Start(Shell.Prepare(program, all, Privilege.Prefix));
        Pid = _process.Id;
        _process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Its process id; nsenter and "ip netns exec" become the program, so it is the program's own.</summary>
    public int Pid { get; }

    /// <summary>True while it runs.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>The lines on standard output so far.</summary>
    public IReadOnlyList<string> Output => Copy(_output);

    /// <summary>The lines on standard error so far.</summary>
    public IReadOnlyList<string> Errors => Copy(_errors);

    /// <summary>What it reads on standard input.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>Waits until a line (of either stream) fits; fails the test if it ends before, or at the limit.</summary>
    public string WaitForLine(Func<string, bool> fits, TimeSpan? limit = null) =>
        WaitFor(() => Output.Concat(Errors).FirstOrDefault(fits), limit);

    /// <summary>Waits until standard output has exactly this line.</summary>
    public void WaitForOutputLine(string line, TimeSpan? limit = null) =>
        WaitFor(() => Output.FirstOrDefault(said => said == line), limit);

    private string WaitFor(Func<string?> look, TimeSpan? limit)
    {
        var clock = Stopwatch.StartNew();
        var time = limit ?? Shell.DefaultLimit;
        while (true)
        {
            var ended = _process.HasExited;
            if (ended) _process.WaitForExit();
            if (look() is { } line) return line;
            if (ended) Assert.Fail($"'{_command}' ended with {_process.ExitCode} before the line that was waited for\n{All()}");
            if (clock.Elapsed > time)
                Assert.Fail($"'{_command}' did not say the line that was waited for within {time.TotalSeconds:0} s\n{All()}");
            Thread.Sleep(10);
        }
    }

    /// <summary>Waits for its end and returns the exit status (128 + signal when it was killed).</summary>
    public int WaitForExit(TimeSpan? limit = null)
    {
        var time = limit ?? Shell.DefaultLimit;
        if (!_process.WaitForExit(time)) Assert.Fail($"'{_command}' was still running after {time.TotalSeconds:0} s\n{All()}");
        // That waits for the process alone. What it said last comes a moment later, unless a child of its own still holds the pipe.
        _process.WaitForExitAsync().Wait(TimeSpan.FromSeconds(2));
        return _process.ExitCode;
    }

    /// <summary>Sends it a signal ("TERM", "INT", "HUP", "KILL").</summary>
    public void Signal(string signal)
    {
        if (IsRunning) Shell.Signal(Pid, signal);
    }

    /// <summary>Kills it (SIGKILL), if it still runs, and waits for its end.</summary>
    public void Kill()
    {
        if (_process.HasExited) return;
        _process.Kill();
        _process.WaitForExit(5000);
    }

    /// <summary>Everything it said, for a failure's message.</summary>
    public string All() => string.Join('\n', Output.Concat(Errors));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        Kill();
        _process.Dispose();
        _disposed = true;
    }

    private void Keep(List<string> lines, string? line)
    {
        if (line is null) return;
        lock (_gate) lines.Add(line);
    }

    private string[] Copy(List<string> lines)
    {
        lock (_gate) return [.. lines];
    }
}
