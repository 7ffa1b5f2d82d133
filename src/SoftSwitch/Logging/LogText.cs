using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SoftSwitch.Text;

namespace SoftSwitch.Logging;

/// <summary>
/// A line of the log as bytes: one line whatever the message is, without control characters, for names in it may be a stranger's, and no
/// longer than a pipe takes whole.
/// </summary>
internal static class LogText
{
    /// <summary>
    /// Bytes of a message: with all around it a line stays under PIPE_BUF, 4096. JSON may double what it must escape, and has less.
    /// </summary>
    public const int LongestMessage = 3072;

    private const int LongestJsonMessage = 1536;

    private static readonly WordList<LogLevel> s_levels = new(
        (LogLevel.Error, "error"), (LogLevel.Warning, "warning"), (LogLevel.Info, "info"));

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The style for a place.</summary>
    /// <param name="format">What was asked for.</param>
    /// <param name="isTerminal">It is a terminal.</param>
    /// <param name="isJournal">It is the journal.</param>
    /// <param name="environment">Gives a variable: NO_COLOR (https://no-color.org) and TERM.</param>
    public static LogStyle StyleFor(LogFormat format, bool isTerminal, bool isJournal, Func<string, string?> environment) =>
        format == LogFormat.Json ? LogStyle.Json
        : isJournal ? LogStyle.Journal
        : !isTerminal ? LogStyle.Stamped
        : environment("NO_COLOR") is not (null or "") || environment("TERM") is null or "" or "dumb" ? LogStyle.Plain
        : LogStyle.Colored;

    /// <summary>The line, with its end.</summary>
    public static byte[] Of(LogLine line, LogStyle style)
    {
        var longest = style == LogStyle.Json ? LongestJsonMessage : LongestMessage;
        var message = OneLine(line.Text, longest);
        if (style == LogStyle.Json)
            return Json(line, message);
        if (line.More > 0)
            message = string.Create(CultureInfo.InvariantCulture, $"{message} (and {line.More} more)");
        return Encoding.UTF8.GetBytes(style switch
        {
            LogStyle.Stamped => $"{Time(line.When)} {s_levels[line.Level]} {message}\n",
            LogStyle.Journal => string.Create(CultureInfo.InvariantCulture, $"<{(int)line.Level}>{message}\n"),
            LogStyle.Colored when line.Level == LogLevel.Error => $"\e[31merror:\e[0m {message}\n",
            LogStyle.Colored when line.Level == LogLevel.Warning => $"\e[33mwarning:\e[0m {message}\n",
            LogStyle.Plain when line.Level != LogLevel.Info => $"{s_levels[line.Level]}: {message}\n",
            LogStyle.Colored or LogStyle.Plain => $"{message}\n",
            _ => throw new ArgumentOutOfRangeException(nameof(style), style, null),
        });
    }

    private static byte[] Json(LogLine line, string message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, s_json))
        {
            writer.WriteStartObject();
            writer.WriteString("time", Time(line.When));
            writer.WriteString("level", s_levels[line.Level]);
            writer.WriteString("message", message);
            if (line.Subject?.Port is { } port)
                writer.WriteString("port", port);
            if (line.Subject?.Network is { } network)
                writer.WriteString("network", network);
            if (line.More > 0)
                writer.WriteNumber("more", line.More);
            foreach (var (name, value) in line.Fields)
                writer.WriteString(name, OneLine(value, LongestJsonMessage / 2));
            writer.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>RFC 3339.</summary>
    private static string Time(DateTimeOffset when) => when.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static string OneLine(string text, int longest)
    {
        var line = new StringBuilder(text.Length);
        var bytes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > longest)
            {
                line.Append('…');
                break;
            }
            if (!Rune.IsControl(rune))
                line.Append(rune);
            else if (rune.Value is not '\r')
                line.Append(rune.Value is '\n' or '\t' ? ' ' : '?');
        }
        return line.ToString();
    }
}
