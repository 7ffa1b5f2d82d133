using System.Buffers;
using System.Text.Unicode;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Yaml;

/// <summary>The text of a file: bounded, UTF-8 with or without a byte order mark, without control characters.</summary>
internal static class ConfigText
{
    public const int MostBytes = 1024 * 1024;

    /// <summary>The most files of a folder that are looked at for the name that was meant.</summary>
    private const int MostNeighbors = 1000;

    private const string TooLarge = "larger than 1 MiB: a configuration needs less";

    /// <summary>Null, with one mistake reported, where the file can't be read or is no text.</summary>
    public static string? Load(string path, MistakeList mistakes)
    {
        try
        {
            if (path.Length == 0)
                return Refuse("no file is named: write its path");
            if (Directory.Exists(path))
                return Refuse("is a directory: name a file");
            // A pipe has no length, so what comes is counted; nothing beyond the limit is read.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1);
            if (stream.CanSeek && stream.Length > MostBytes)
                return Refuse(TooLarge);
            var bytes = new byte[MostBytes + 1];
            var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return count > MostBytes ? Refuse(TooLarge) : Decode(bytes.AsSpan(0, count), mistakes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Refuse($"no such file: {(Neighbor(path) is { } near ? $"did you mean {near}?" : "check the path")}");
        }
        catch (UnauthorizedAccessException)
        {
            return Refuse("permission denied: make it readable for the user that runs softswitch");
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            return Refuse($"can't be read: {e.Message}".ReplaceLineEndings(" "));
        }

        string? Refuse(string message)
        {
            mistakes.Add(default, message);
            return null;
        }
    }

    /// <summary>A file beside the one that isn't there and with nearly its name; null: there is none.</summary>
    private static string? Neighbor(string path)
    {
        try
        {
            var folder = Path.GetDirectoryName(path) is { Length: > 0 } named ? named : ".";
            var name = Path.GetFileName(path);
            var near = NearestWord.To(name, Directory.EnumerateFiles(folder).Take(MostNeighbors).Select(file => Path.GetFileName(file)!));
            return near is null ? null : Path.Combine(Path.GetDirectoryName(path) ?? "", near);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The same for text that is here already: false, with one mistake reported, where it is refused.</summary>
    public static bool Check(ref string text, MistakeList mistakes)
    {
        if (text.StartsWith('\uFEFF'))
            text = text[1..];
        if (text.Length > MostBytes)
        {
            mistakes.Add(default, TooLarge);
            return false;
        }
        var bad = text.AsSpan().IndexOfAny(s_control);
        if (bad >= 0)
            mistakes.Add(PlaceOf(text.AsSpan(0, bad)), $"a control character (U+{(int)text[bad]:X4}): a configuration is plain text");
        return bad < 0;
    }

    /// <summary>The control characters (all are below U+00A0) that no line ends or is indented with.</summary>
    private static readonly SearchValues<char> s_control = SearchValues.Create([.. Enumerable.Range(0, 0xA0)
        .Select(code => (char)code).Where(code => char.IsControl(code) && code is not ('\t' or '\n' or '\r' or '\u0085'))]);

    private static string? Decode(ReadOnlySpan<byte> bytes, MistakeList mistakes)
    {
        var text = new char[bytes.Length];
        var status = Utf8.ToUtf16(bytes, text, out _, out var written, replaceInvalidSequences: false);
        if (status == OperationStatus.Done)
            return new(text, 0, written);
        mistakes.Add(PlaceOf(text.AsSpan(0, written).TrimStart('\uFEFF')), "not UTF-8 text: save the file as UTF-8");
        return null;
    }

    private static Position PlaceOf(ReadOnlySpan<char> before) => new(before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
}
