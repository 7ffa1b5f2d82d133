using System.CommandLine;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Output;

namespace SoftSwitch.Cli;

/// <summary>
/// Where `show` prints: once, or with --watch each second until Ctrl-C, SIGTERM, or the end of whoever reads it (`| head`); in place on a
/// terminal, one after the other into a pipe or file.
/// </summary>
internal sealed class Screen
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    /// <summary>Looks between two prints whether somebody still reads.</summary>
    private const int Looks = 5;

    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly bool _inPlace;

    private Screen(InvocationConfiguration invocation, bool watch)
    {
        _output = invocation.Output;
        _error = invocation.Error;
        var terminal = Descriptor is { IsTerminal: true } && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        _inPlace = watch && terminal;
        Colors = terminal && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
    }

    /// <summary>The output shows colours (https://no-color.org is kept to).</summary>
    public bool Colors { get; }

    private OutputWriter? Descriptor => _output as OutputWriter;

    /// <summary>Nobody reads what would be printed, or it can't be.</summary>
    private bool IsOver => Descriptor is { IsClosed: true } or { Refusal: not null };

    /// <summary>Prints by <paramref name="print"/>, once or again and again.</summary>
    /// <returns>The exit status.</returns>
    public static async Task<int> Show(ParseResult parsed, bool watch, Func<Screen, CancellationToken, Task> print)
    {
        var screen = new Screen(parsed.InvocationConfiguration, watch);
        if (!watch)
        {
            await print(screen, CancellationToken.None);
            return ExitStatus.Done;
        }
        using var end = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        screen.Write(screen._inPlace ? "\e[2J" : "");
        try
        {
            while (!screen.IsOver)
            {
                await print(screen, end.Token);
                for (var look = 0; look < Looks && !screen.IsOver; look++)
                    await Task.Delay(Between / Looks, end.Token);
            }
            return ExitStatus.Done;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return ExitStatus.Done;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            end.Cancel();
            // It may be waiting for a reader.
            screen.Descriptor?.Abandon();
        }
    }

    /// <summary>Prints whole lines.</summary>
    public void Print(string lines) => Write(_inPlace ? $"\e[H{lines.Replace("\n", "\e[K\n")}\e[J" : lines);

    /// <summary>A line for the person at the terminal, not for a pipe.</summary>
    public void Remark(string line)
    {
        if (_inPlace)
            Print(line + "\n");
        else
            _error.WriteLine(line);
    }

    private void Write(string text)
    {
        _output.Write(text);
        _output.Flush();
    }
}
