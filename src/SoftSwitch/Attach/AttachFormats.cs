namespace SoftSwitch.Attach;

/// <summary>The words for <see cref="AttachFormat"/>, in its order.</summary>
public static class AttachFormats
{
    public static IReadOnlyList<string> Words { get; } = ["qemu", "libvirt", "virt-install", "docker"];

    public static string Word(this AttachFormat format) => Words[(int)format];

    /// <summary>Null where there is no such format.</summary>
    public static AttachFormat? Of(string word)
    {
        var index = Words.ToList().IndexOf(word);
        return index < 0 ? null : (AttachFormat)index;
    }
}
