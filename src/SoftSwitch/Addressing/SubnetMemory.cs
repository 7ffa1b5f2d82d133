using System.Text;
using SoftSwitch.Config;
using SoftSwitch.Packets;

namespace SoftSwitch.Addressing;

/// <summary>
/// The subnets that were chosen for networks whose file names none: a text file in the state folder, a line each, network and
/// subnet. Written whole beside itself and moved into place, so a reader sees the old one or the new one; of two switches that
/// start in one moment the later one's is kept. What in it is not understood is left out: another subnet is chosen then.
/// </summary>
internal static class SubnetMemory
{
    public const string FileName = "subnets";

    /// <summary>Bytes that are read; more than <see cref="MostLines"/> take.</summary>
    private const int MostBytes = 64 * 1024;

    private const int MostLines = 1000;

    /// <summary>What is remembered in a folder; nothing where there is no file.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static Dictionary<string, Ipv4Subnet> Load(string folder)
    {
        var remembered = new Dictionary<string, Ipv4Subnet>();
        try
        {
            using var stream = new FileStream(Path.Combine(folder, FileName), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[MostBytes];
            var text = Encoding.UTF8.GetString(bytes, 0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            foreach (var line in text.Split('\n').Take(MostLines + 1))
            {
                if (line.Split(' ') is [var name, var written] && Scalars.Name.Parse(name, out _) && Scalars.Subnet.Parse(written, out var subnet))
                    remembered.TryAdd(name, subnet);
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // The first start.
        }
        return remembered;
    }

    /// <param name="folder">Made where it isn't there yet, for everybody to read if root's, else for the user alone.</param>
    /// <param name="remembered">What is written, the most recent first: beyond a thousand the rest is forgotten.</param>
    /// <param name="shared">Root's.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Save(string folder, IEnumerable<KeyValuePair<string, Ipv4Subnet>> remembered, bool shared)
    {
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        const UnixFileMode Everybody = Own | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(folder, shared ? Everybody : Own);
        var text = new StringBuilder("# The subnets that softswitch chose for networks whose file names none.\n");
        foreach (var (name, subnet) in remembered.Take(MostLines))
            text.Append(name).Append(' ').Append(subnet).Append('\n');
        var path = Path.Combine(folder, FileName);
        var beside = $"{path}.{Environment.ProcessId}";
        try
        {
            File.WriteAllText(beside, text.ToString());
            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
