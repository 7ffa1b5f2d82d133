using SoftSwitch.Logging;
using SoftSwitch.State.Nat;

namespace SoftSwitch.Tests.Nat;

public sealed class FlowRecordTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ss-flows-").FullName;
    private static readonly DateTime s_when = new(2026, 11, 26, 9, 8, 7, 45, DateTimeKind.Utc);

    private readonly RememberedLog _log = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_obstacle_is_told_at_the_start_and_at_its_end_with_what_it_cost()
    {
        var path = $"{_folder}/sub/flows.log";
        var record = new FlowRecord(path, _log);
        record.Open();
        var line = Assert.Single(_log.Lines);
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.Equal($"flow-log {path}: flows are not recorded: there is no folder {_folder}/sub; make it: mkdir -p {_folder}/sub",
            line.Text);
        foreach (var text in new[] { "a", "b", "c" })
        {
            record.Add(s_when, text);
            record.Flush();
        }
        Assert.Single(_log.Lines);
        Directory.CreateDirectory($"{_folder}/sub");
        record.Flush();
        Assert.StartsWith($"flow-log {path}: flows are recorded again; 3 lines were lost: ", _log.Lines[^1].Text);
        record.Add(s_when, "d");
        record.Flush();
        var lines = File.ReadAllLines(path);
        Assert.Equal((2, "2026-11-26T09:08:07.045Z d"), (lines.Length, lines[1]));
        Assert.Contains(" 3 lines were lost: there is no folder ", lines[0]);
        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public void A_number_of_lost_lines_that_stands_there_is_not_told_again_with_the_next()
    {
        var path = $"{_folder}/pipe";
        using (var made = System.Diagnostics.Process.Start("mkfifo", path))
            made.WaitForExit();
        // Both ends, so that it opens without anybody else.
        using var reader = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        var record = new FlowRecord(path, _log);
        // A pipe has 16 pages: 15 are full then, and one has room for a short line, but not for a long one.
        for (var page = 0; page < 16; page++)
            Write(page < 15 ? 4096 : 3300);
        Assert.Empty(_log.Lines);
        Write(1000);
        Write(1000);
        var first = Drain();
        Assert.Single(first, line => line.Contains(" 1 lines were lost: "));
        Write(1000);
        var then = Drain();
        Assert.Contains(" 1 lines were lost: ", then[0]);
        Assert.Equal(2, then.Length);
        Assert.Contains("; 2 lines were lost: ", _log.Lines[^1].Text);

        void Write(int bytes)
        {
            record.Add(s_when, new('a', bytes - 26));
            record.Flush();
        }

        string[] Drain()
        {
            var buffer = new byte[1 << 17];
            return System.Text.Encoding.ASCII.GetString(buffer, 0, reader.Read(buffer)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    [Fact]
    public void Without_an_obstacle_nothing_is_told()
    {
        var record = new FlowRecord($"{_folder}/flows.log", _log);
        record.Open();
        record.Add(s_when, "a");
        record.Flush();
        record.Flush();
        Assert.Equal("2026-11-26T09:08:07.045Z a\n", File.ReadAllText($"{_folder}/flows.log"));
        Assert.Empty(_log.Lines);
    }
}
