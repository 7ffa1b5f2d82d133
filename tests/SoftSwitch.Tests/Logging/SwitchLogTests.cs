using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using SoftSwitch.Bounds;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Output;
using SoftSwitch.Logging;

namespace SoftSwitch.Tests.Logging;

public sealed class SwitchLogTests : IDisposable
{
    private readonly AnonymousPipeServerStream _reader = new(PipeDirection.In);

    public void Dispose() => _reader.Dispose();

    private OutputDescriptor Pipe => new((int)_reader.ClientSafePipeHandle.DangerousGetHandle());

    [Fact]
    public void Lines_come_in_order_and_the_end_waits_for_the_last()
    {
        using (var log = new SwitchLog(Pipe, LogStyle.Journal))
        {
            for (var i = 0; i < 100; i++)
                log.Write(LogLevel.Info, $"{i}");
        }
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"<6>{i}"), Read());
    }

    [Fact]
    public void What_is_held_back_is_told_in_the_end_at_the_latest()
    {
        using (var log = new SwitchLog(Pipe, LogStyle.Journal))
        {
            for (var i = 0; i < 100; i++)
                log.News(new("port v"), LogLevel.Info, $"{i}");
        }
        Assert.Equal("<6>port v: 99 (and 94 more)", Read()[^1]);
    }

    [Fact]
    public void Nobody_who_tells_waits_for_a_pipe_that_nobody_reads_nor_does_the_end()
    {
        var clock = Stopwatch.StartNew();
        var log = new SwitchLog(Pipe, LogStyle.Journal);
        for (var i = 0; i < 100_000; i++)
            log.Write(LogLevel.Info, $"line {i} {new string('x', 100)}");
        log.Dispose();
        // Generous: what hangs, hangs for ever.
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 30);
    }

    [Fact]
    public void When_it_is_read_again_the_newest_lines_come_and_the_number_of_those_that_are_lost()
    {
        using var log = new SwitchLog(Pipe, LogStyle.Journal);
        const int all = 20_000;
        for (var i = 0; i < all; i++)
            log.Write(LogLevel.Info, $"line {i} {new string('x', 100)}");
        var lines = new List<string>();
        using var reader = new StreamReader(_reader, leaveOpen: true);
        var (told, lost) = (0, 0);
        while (told + lost < all)
        {
            var line = reader.ReadLine()!;
            lines.Add(line);
            if (line.StartsWith("<6>line ", StringComparison.Ordinal))
                told++;
            else
                lost += int.Parse(line[3..line.IndexOf(' ')]);
        }
        Assert.InRange(told, ProgramLimits.Log.Most, all - 1);
        Assert.Contains(lines, line => line.StartsWith($"<6>line {all - 1} ", StringComparison.Ordinal));
        var losses = lines.Where(line => line.EndsWith(" lost: they came faster than somebody reads them", StringComparison.Ordinal))
            .ToList();
        Assert.Equal(lines.Count - told, losses.Count);
        Assert.InRange(losses.Count, 1, 20);
    }

    [Fact]
    public void A_full_disk_ends_nothing_and_the_lines_that_it_cost_are_counted()
    {
        using var full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        var output = new OutputDescriptor((int)full.DangerousGetHandle());
        // It is refused, and not taken by something that isn't full.
        Assert.Equal(0, output.Write("a"u8, 0, out var errno));
        Assert.Equal(Errno.ENOSPC, errno);
        using (var log = new SwitchLog(output, LogStyle.Journal))
        {
            log.Write(LogLevel.Info, "a");
            log.Write(LogLevel.Info, "b");
            Settle(log, lost: 2);
            // There is room again: the descriptor is another file from now on.
            Assert.True(dup2((int)_reader.ClientSafePipeHandle.DangerousGetHandle(), (int)full.DangerousGetHandle()) >= 0);
            Settle(log, lost: 0);
            log.Write(LogLevel.Info, "c");
        }
        full.Dispose();
        Assert.Equal([$"<4>2 lines were lost: {OutputDescriptor.Reason(Errno.ENOSPC)}", "<6>c"], Read());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_closed_output_ends_nothing(bool reader)
    {
        var output = reader ? Pipe : OutputDescriptor.Closed;
        _reader.Dispose();
        var log = new SwitchLog(output, LogStyle.Journal);
        log.Write(LogLevel.Info, "a");
        Settle(log, lost: 1);
        log.Dispose();
        Assert.Equal(1, log.Lost);
    }

    /// <summary>Waits until the log's thread has found out.</summary>
    private static void Settle(SwitchLog log, long lost) =>
        Assert.True(SpinWait.SpinUntil(() => log.Lost == lost, 10_000), $"{log.Lost} lost, not {lost}");

    [DllImport("libc")]
    private static extern int dup2(int from, int to);

    private string[] Read()
    {
        // Ours is the last writer.
        _reader.DisposeLocalCopyOfClientHandle();
        using var reader = new StreamReader(_reader, Encoding.UTF8);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
