using System.CommandLine;
using SoftSwitch.Cli.Tables;
using SoftSwitch.Errors;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Output;

namespace SoftSwitch.Cli;

/// <summary>
/// Where `show` prints: once, or with --watch each second, until Ctrl-C, SIGTERM, or until nobody reads it any more (`| head`). On a
/// terminal each print takes the place of the last; into a pipe or file they go one after the other.
/// </summary>
/// <remarks>
/// On a terminal nothing is wider than it, and in place nothing is longer: what goes below its last line is counted instead. A switch that
/// doesn't answer ends a command, but not one that watches and has seen it before: it is restarted, so that is said, and waited for.
/// </remarks>
internal sealed class Screen
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);

    /// <summary>How often it is looked, between two prints, whether somebody still reads.</summary>
    private const int Looks = 5;

    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly bool _terminal;

    private Screen(InvocationConfiguration invocation, bool watch)
    {
        _output = invocation.Output;
        _error = invocation.Error;
        _terminal = Descriptor is { IsTerminal: true } && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        InPlace = watch && _terminal;
        Colors = _terminal && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
    }

    /// <summary>The output shows colours (https://no-color.org is kept to).</summary>
    public bool Colors { get; }

    /// <summary>What is printed takes the place of what was printed before.</summary>
    public bool InPlace { get; }

    /// <summary>The columns that a line may have; null: as many as it takes, for it goes to no terminal.</summary>
    public int? Width => _terminal ? Terminal.Size()?.Columns : null;

    private OutputWriter? Descriptor => _output as OutputWriter;

    /// <summary>Nobody reads what would be printed, or it can't be.</summary>
    private bool IsOver => Descriptor is { IsClosed: true } or { Refusal: not null };

    /// <summary>Calls <paramref name="print"/> once, or each second.</summary>
    /// <returns>The exit status.</returns>
    public static async Task<int> Show(ParseResult parsed, bool watch, Func<Screen, CancellationToken, Task> print)
    {
        var screen = new Screen(parsed.InvocationConfiguration, watch);
        if (!watch)
        {
            await print(screen, CancellationToken.None);
            return ExitStatus.Done;
        }
        // It may be waiting for a reader.
        using var interrupt = new Interrupt(() => screen.Descriptor?.Abandon());
        screen.Write(screen.InPlace ? "\e[2J" : "");
        try
        {
            var (seen, waits) = (false, false);
            while (!screen.IsOver)
            {
                try
                {
                    await print(screen, interrupt.Come);
                    (seen, waits) = (true, false);
                }
                catch (CommandException e) when (seen && e.MayPass)
                {
                    // In place it is said as long as it lasts, in a log once.
                    if (screen.InPlace || !waits)
                        screen.Remark($"waiting for the switch: {e.Message}");
                    waits = true;
                }
                for (var look = 0; look < Looks && !screen.IsOver; look++)
                    await Task.Delay(s_between / Looks, interrupt.Come);
            }
            return ExitStatus.Done;
        }
        catch (OperationCanceledException) when (interrupt.Come.IsCancellationRequested)
        {
            return ExitStatus.Done;
        }
    }

    /// <summary>Prints whole lines.</summary>
    public void Print(string lines) =>
        Write(InPlace ? $"\e[H{Wrapped.Clip(lines, Terminal.Size() ?? (80, 24)).Replace("\n", "\e[K\n")}\e[J" : lines);

    /// <summary>Prints tables, one below the other.</summary>
    /// <param name="tables">At least one.</param>
    /// <param name="width">The columns for an output that has no width of its own; null: as many as it takes.</param>
    public void Print(IEnumerable<TextTable> tables, int? width = null)
    {
        var leftOut = new List<string>();
        var texts = new List<string>();
        foreach (var table in tables)
        {
            texts.Add(table.Render(Colors, Width ?? width));
            leftOut.AddRange(table.LeftOut);
        }
        var text = string.Join('\n', texts);
        if (leftOut.Count > 0 && Width is { } columns)
            text += "\n" + Wrapped.Lines(
                $"No room here for {string.Join(", ", leftOut.Distinct())}: widen the terminal, or use --json", columns, "");
        Print(text);
    }

    /// <summary>A line for the person at the terminal, not for a pipe.</summary>
    public void Remark(string line)
    {
        if (InPlace)
            Print(Wrapped.Lines(line, Width ?? 80, ""));
        else
            _error.WriteLine(line);
    }

    private void Write(string text)
    {
        _output.Write(text);
        _output.Flush();
    }
}
