package android.content;

/** A package and a class in it. */
public final class ComponentName {
    private final String packageName;
    private final String className;

    public ComponentName(String pkg, String cls) {
        packageName = pkg;
        className = cls.startsWith(".") ? pkg + cls : cls;
    }

    public ComponentName(Context pkg, Class<?> cls) {
        this(pkg.getPackageName(), cls.getName());
    }

    public String getPackageName() {
        return packageName;
    }

    public String getClassName() {
        return className;
    }

    public String flattenToShortString() {
        boolean inside = className.startsWith(packageName + ".");
        return packageName + "/" + (inside ? className.substring(packageName.length()) : className);
    }

    @Override
    public String toString() {
        return "ComponentInfo{" + packageName + "/" + className + "}";
    }
}
