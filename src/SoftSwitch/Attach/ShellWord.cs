namespace SoftSwitch.Attach;

/// <summary>A word that a POSIX shell takes as it is, in single quotes where it needs them.</summary>
internal static class ShellWord
{
    public static string Of(string word) =>
        word.All(letter => char.IsAsciiLetterOrDigit(letter) || "=,.:/@_-+".Contains(letter)) ? word : $"'{word.Replace("'", @"'\''")}'";
}
