using System.Text;
using System.Text.Json;
using SoftSwitch.Linux.Output;
using SoftSwitch.Logging;

namespace SoftSwitch.Tests.Logging;

public class LogTextTests
{
    private static readonly DateTimeOffset s_when = new(2026, 11, 26, 9, 8, 7, 45, TimeSpan.Zero);

    private static readonly LogLine s_up = new(s_when, LogLevel.Info, LogSubject.OfPort("vm1", "dev"), "up", 423);

    private static readonly LogLine s_down = new(s_when, LogLevel.Warning, LogSubject.OfPort("vm1", "dev"), "down");

    private static readonly LogLine s_failed = new(s_when, LogLevel.Error, LogSubject.OfOutside("dev"), "no route");

    [Theory]
    [InlineData(nameof(LogStyle.Stamped), "2026-11-26T09:08:07.045Z info port vm1: up (and 423 more)\n",
        "2026-11-26T09:08:07.045Z warning port vm1: down\n", "2026-11-26T09:08:07.045Z error network dev: outside: no route\n")]
    [InlineData(nameof(LogStyle.Journal), "<6>port vm1: up (and 423 more)\n", "<4>port vm1: down\n", "<3>network dev: outside: no route\n")]
    [InlineData(nameof(LogStyle.Plain), "port vm1: up (and 423 more)\n", "warning: port vm1: down\n",
        "error: network dev: outside: no route\n")]
    [InlineData(nameof(LogStyle.Colored), "port vm1: up (and 423 more)\n", "\e[33mwarning:\e[0m port vm1: down\n",
        "\e[31merror:\e[0m network dev: outside: no route\n")]
    [InlineData(nameof(LogStyle.Json),
        """{"time":"2026-11-26T09:08:07.045Z","level":"info","message":"port vm1: up","port":"vm1","network":"dev","more":423}""" + "\n",
        """{"time":"2026-11-26T09:08:07.045Z","level":"warning","message":"port vm1: down","port":"vm1","network":"dev"}""" + "\n",
        """{"time":"2026-11-26T09:08:07.045Z","level":"error","message":"network dev: outside: no route","network":"dev"}""" + "\n")]
    public void Each_style_has_its_form(string style, params string[] lines) =>
        Assert.Equal(lines,
            new[] { s_up, s_down, s_failed }.Select(line => Encoding.UTF8.GetString(LogText.Of(line, Enum.Parse<LogStyle>(style)))));

    [Theory]
    [InlineData(false, false, false, "", "xterm", nameof(LogStyle.Stamped))]
    [InlineData(false, true, false, "", "xterm", nameof(LogStyle.Colored))]
    [InlineData(false, true, false, "1", "xterm", nameof(LogStyle.Plain))]
    [InlineData(false, true, false, "", "dumb", nameof(LogStyle.Plain))]
    [InlineData(false, true, false, "", null, nameof(LogStyle.Plain))]
    [InlineData(false, false, true, "", null, nameof(LogStyle.Journal))]
    [InlineData(true, true, false, "", "xterm", nameof(LogStyle.Json))]
    [InlineData(true, false, true, "", "xterm", nameof(LogStyle.Json))]
    public void The_style_is_by_what_was_asked_for_and_where_it_goes(bool json, bool terminal, bool journal, string noColor, string? term,
        string style) =>
        Assert.Equal(style, LogText.StyleFor(json ? LogFormat.Json : LogFormat.Text, terminal, journal,
            name => name == "TERM" ? term : noColor).ToString());

    [Theory]
    [InlineData("a\nb\r\n\tc\e[2Jd\0e", "a b  c?[2Jd?e")]
    [InlineData("\ud800 half", "\ufffd half")]
    public void A_stranger_cannot_write_to_the_terminal_or_begin_a_line(string message, string shown)
    {
        foreach (var style in Enum.GetValues<LogStyle>())
        {
            var text = Encoding.UTF8.GetString(LogText.Of(new(s_when, LogLevel.Info, null, message), style));
            Assert.EndsWith("\n", text);
            Assert.DoesNotContain('\n', text[..^1]);
            Assert.Contains(shown, style == LogStyle.Json ? JsonDocument.Parse(text).RootElement.GetProperty("message").GetString() : text);
        }
    }

    [Fact]
    public void A_line_of_any_length_goes_into_a_pipe_whole()
    {
        foreach (var style in Enum.GetValues<LogStyle>())
        {
            foreach (var part in new[] { "x", "\"", "ü", "\ud83d\ude00" })
            {
                var bytes = LogText.Of(
                    new(s_when, LogLevel.Warning, LogSubject.OfPort("vm1", "dev"), string.Concat(Enumerable.Repeat(part, 10_000))), style);
                Assert.InRange(bytes.Length, 1000, OutputDescriptor.AtOnce * (part.Length == 2 && style == LogStyle.Json ? 2 : 1));
                if (style == LogStyle.Json)
                    Assert.EndsWith("…", JsonDocument.Parse(bytes).RootElement.GetProperty("message").GetString());
            }
        }
    }
}
