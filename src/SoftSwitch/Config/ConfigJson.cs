using SoftSwitch.Model;

namespace SoftSwitch.Config;

public static class ConfigJson
{
    public static string Write(SwitchModel model) => ConfigWriter.Write(model);
}
