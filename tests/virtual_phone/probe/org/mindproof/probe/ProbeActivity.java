package org.mindproof.probe;

import android.app.Activity;
import android.graphics.Bitmap;
import android.os.Bundle;
import android.text.Editable;
import android.text.InputType;
import android.text.TextWatcher;
import android.util.Log;
import android.view.Gravity;
import android.view.MotionEvent;
import android.view.View;
import android.view.ViewGroup;
import android.view.WindowManager;
import android.widget.Button;
import android.widget.EditText;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.ScrollView;
import android.widget.TextView;
import java.io.ByteArrayOutputStream;

/** Uses what no app of the phone uses, so that tests can see it work. */
public final class ProbeActivity extends Activity {
    private LinearLayout page;
    private TextView overlay;

    @Override
    protected void onCreate(Bundle savedInstanceState) {
        super.onCreate(savedInstanceState);
        page = new LinearLayout(this);
        page.setOrientation(LinearLayout.VERTICAL);
        page.setBackgroundColor(0xFFFFFFFF);
        picture();
        secret();
        add(R.id.held, "hold", null).setOnLongClickListener(view -> {
            report("held");
            return true;
        });
        add(R.id.overlay, "overlay", view -> overlay());
        add(R.id.secure, "secure", view -> getWindow().addFlags(WindowManager.LayoutParams.FLAG_SECURE));
        add(R.id.crash, "crash", view -> new Thread(() -> {
            throw new IllegalStateException("off the main thread");
        }, "worker").start());
        add(R.id.count, "from another thread", view -> new Thread(() -> runOnUiThread(() -> report("posted"))).start());
        add(R.id.hang, "hang", view -> hang());
        add(R.id.half, "half a turn", view -> halfTurn((Button) view));
        scroller();
        setContentView(page);
    }

    private Button add(int id, String label, View.OnClickListener click) {
        Button button = new Button(this);
        button.setId(id);
        button.setText(label);
        button.setOnClickListener(click);
        page.addView(button, new LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, 100));
        return button;
    }

    private void report(String text) {
        Log.i("Probe", text);
    }

    private void picture() {
        int[] colours = new int[64 * 32];
        for (int i = 0; i < colours.length; i++) {
            colours[i] = i % 64 < 32 ? 0xFFFF0000 : 0xFF0000FF;
        }
        Bitmap bitmap = Bitmap.createBitmap(colours, 64, 32, Bitmap.Config.ARGB_8888);
        int[] back = new int[64 * 32];
        bitmap.getPixels(back, 0, 64, 0, 0, 64, 32);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        bitmap.compress(Bitmap.CompressFormat.PNG, 100, file);
        report("pixels " + java.util.Arrays.equals(colours, back) + " png " + (file.size() > 50));
        ImageView view = new ImageView(this);
        view.setId(R.id.made);
        view.setScaleType(ImageView.ScaleType.FIT_XY);
        view.setImageBitmap(bitmap);
        page.addView(view, new LinearLayout.LayoutParams(640, 320));
    }

    private void secret() {
        EditText field = new EditText(this);
        field.setId(R.id.secret);
        field.setInputType(InputType.TYPE_CLASS_TEXT | InputType.TYPE_TEXT_VARIATION_PASSWORD);
        field.addTextChangedListener(new TextWatcher() {
            @Override
            public void beforeTextChanged(CharSequence s, int start, int count, int after) {}

            @Override
            public void onTextChanged(CharSequence s, int start, int before, int count) {
                report("typed " + s);
            }

            @Override
            public void afterTextChanged(Editable s) {}
        });
        page.addView(field, new LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, 100));
    }

    private void hang() {
        try {
            Thread.sleep(1500);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        report("woke");
    }

    /** Changes a view, and before the turn ends another thread reads a picture. */
    private void halfTurn(Button button) {
        button.setText("changed");
        Bitmap bitmap = Bitmap.createBitmap(8, 8, Bitmap.Config.ARGB_8888);
        Thread reader = new Thread(() -> bitmap.getPixel(0, 0), "reader");
        reader.start();
        try {
            reader.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        report("half");
        hang();
    }

    private void overlay() {
        if (overlay != null) {
            getWindowManager().removeView(overlay);
            overlay = null;
            return;
        }
        overlay = new TextView(this);
        overlay.setId(R.id.cover);
        overlay.setText("covered");
        overlay.setBackgroundColor(0xFF00AA00);
        WindowManager.LayoutParams params = new WindowManager.LayoutParams(300, 200,
                WindowManager.LayoutParams.TYPE_APPLICATION_PANEL, WindowManager.LayoutParams.FLAG_NOT_TOUCHABLE, 0);
        params.gravity = Gravity.TOP | Gravity.LEFT;
        params.x = 40;
        params.y = 1500;
        getWindowManager().addView(overlay, params);
    }

    private void scroller() {
        ScrollView scroller = new ScrollView(this);
        scroller.setId(R.id.scroller);
        LinearLayout column = new LinearLayout(this);
        column.setOrientation(LinearLayout.VERTICAL);
        for (int i = 0; i < 30; i++) {
            TextView line = new TextView(this);
            line.setText("Line " + i);
            line.setId(i == 29 ? R.id.last : View.NO_ID);
            column.addView(line, new LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, 90));
        }
        scroller.addView(column);
        page.addView(scroller, new LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, 0, 1));
    }

    @Override
    public boolean dispatchTouchEvent(MotionEvent event) {
        if (event.getActionMasked() == MotionEvent.ACTION_DOWN) {
            report("down " + Math.round(event.getRawX()) + " " + Math.round(event.getRawY()));
        }
        return super.dispatchTouchEvent(event);
    }

    @Override
    protected void onResume() {
        super.onResume();
        report("resumed");
    }

    @Override
    protected void onPause() {
        super.onPause();
        report("paused");
    }
}
